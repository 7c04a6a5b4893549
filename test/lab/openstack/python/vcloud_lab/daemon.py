"""Runs a daemon that Debian ships as a module only: python3 -m vcloud_lab.daemon NAME MODULE ARGUMENTS..."""
import importlib
import sys

if __name__ == '__main__':
    name, module = sys.argv[1:3]
    sys.argv[:] = [name] + sys.argv[3:]
    sys.exit(importlib.import_module(module).main())
