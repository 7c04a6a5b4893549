#!/bin/sh
# Exit 0 when the last commit brings approvals and nothing else: the plan they are of must stay the one that is applied.
changed=$(git diff --name-only HEAD~1 HEAD) && [ -n "$changed" ] && ! printf '%s\n' "$changed" | grep -qv '^approvals/'
