#pragma once
/* Opens /dev/ttyS1 as it is: no line editing, no echo. */
void quiesce_prepare(void);
