import plistlib

from tests.packaging.test_trimming import ROOT, load

macos = load("macos")


def test_the_property_lists_are_read_by_apples_format() -> None:
    info = plistlib.loads(macos.property_list("1.2.3"))
    assert info["CFBundleShortVersionString"] == "1.2.3"
    assert info["CFBundleExecutable"] == "homelab-tuner"
    entitlements = plistlib.loads((ROOT / "packaging/macos/entitlements.plist").read_bytes())
    assert all(entitlements.values())


def test_the_settings_of_the_image_name_the_application() -> None:
    settings = {"defines": {"app": "/dist/Homelab Tuner.app"}}
    exec((ROOT / "packaging/macos/dmg_settings.py").read_text(encoding="utf-8"), settings)
    assert settings["files"] == ["/dist/Homelab Tuner.app"]
    assert "Homelab Tuner.app" in settings["icon_locations"]
