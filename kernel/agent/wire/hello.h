/* The first frame after boot and after a thaw. */
#pragma once
void hello_send(void);
