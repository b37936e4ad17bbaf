; Installs for one user, without an administrator. Made by packaging/windows.py, which gives VERSION,
; SOURCE (the assembled folder), ICON, OUT, SIZE (kB)
; and COMPRESSOR.
Target amd64-unicode
SetCompressor /SOLID ${COMPRESSOR}
Name "Homelab Tuner"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Homelab Tuner"
InstallDirRegKey HKCU "Software\Homelab Tuner" "Folder"
RequestExecutionLevel user
Icon "${ICON}"
UninstallIcon "${ICON}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Homelab Tuner"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Homelab Tuner installer"
VIAddVersionKey "LegalCopyright" "Apache-2.0"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Homelab Tuner"
Page directory
Page instfiles
UninstPage uninstConfirm
UninstPage instfiles

Section "install"
  ; Files of the version before must not stay among the new ones.
  RMDir /r "$INSTDIR\python"
  SetOutPath "$INSTDIR"
  File /r "${SOURCE}\*.*"
  File "/oname=homelab-tuner.ico" "${ICON}"
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\Homelab Tuner.lnk" "$INSTDIR\python\pythonw.exe" "-m gui" "$INSTDIR\homelab-tuner.ico"
  WriteRegStr HKCU "Software\Homelab Tuner" "Folder" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Homelab Tuner"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\homelab-tuner.ico"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "Homelab Tuner developers"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" ${SIZE}
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section "un.install"
  RMDir /r "$INSTDIR\python"
  Delete "$INSTDIR\homelab-tuner.cmd"
  Delete "$INSTDIR\homelab-tuner.ico"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Homelab Tuner.lnk"
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "Software\Homelab Tuner"
  ; Projects, PyTorch and base models stay; say where.
  IfSilent +2
  MessageBox MB_OK "Your projects are kept in Documents\Homelab Tuner. PyTorch and base models are in $LOCALAPPDATA\homelab-tuner; delete that folder if you no longer need them."
SectionEnd
