# The first lines of a terminal: for the first shell on it, of whoever it was opened for. Builtins only, so that the prompt is not kept waiting.
if [ "$SHLVL" = 1 ] && [ "$HOME" = /root ] && [ -t 1 ]; then
  printf '%b\n' \
    '\e[1mDrydock\e[0m: a Linux machine in this browser tab, with a' \
    'Docker engine of its own. No server runs any of it.' \
    '' \
    'Images  hello-world, busybox, nginx, python:3.11-slim,' \
    '        lab/api, lab/worker, lab/orphans (of the tutorials)' \
    'Try     \e[36mdocker run hello-world\e[0m' \
    '        \e[36mdocker run -it busybox sh\e[0m' \
    '        \e[36mdocker run -d --name web nginx\e[0m' \
    ''
fi
