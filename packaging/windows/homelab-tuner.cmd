@echo off
rem The commands of Homelab Tuner in a terminal.
set PYTHONPATH=
set PYTHONHOME=
set PYTHONNOUSERSITE=1
set PYTHONUTF8=1
"%~dp0python\python.exe" -m gui %*
