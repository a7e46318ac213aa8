/* `runc`: an OCI runtime (runtime-spec, runtime.md) by hand, over a folder with config.json and a root file system.
 * What it starts is no container of the engine's. */
#pragma once

int runc_main(int argc, char **argv, char **envp);
