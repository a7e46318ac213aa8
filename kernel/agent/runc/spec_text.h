/* What `runc spec` writes: a container like runc's own, of a shell. */
#pragma once

extern const char runc_spec_text[];
