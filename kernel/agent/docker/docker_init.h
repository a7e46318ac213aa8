#pragma once
/* `docker-init -- PROGRAM ...`: PID 1 of a container with --init, after krallin/tini: one child, signals forwarded,
 * orphans reaped. */
int docker_init_main(int argc, char **argv);
