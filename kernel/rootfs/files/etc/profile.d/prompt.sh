# user@host:folder, coloured. The marks (OSC 133, "semantic prompts": A where a prompt begins, B where it ends) tell a terminal when the host's
# shell waits for a line; what is between \[ and \] takes no room on the line.
PS1='\[\e]133;A;aid=drydock\a\e[1;32m\]\u@drydock\[\e[0m\]:\[\e[1;34m\]\w\[\e[0m\]\$ \[\e]133;B;aid=drydock\a\]'
