/* The nf_tables rules of one bridge network, in the tables' own language of messages (no nft or iptables program). */
#pragma once
#include "base/fail.h"
#include "wire/spec.h"

/* Masquerades what leaves `network`'s subnet except through its own bridge; `isolate` drops what its bridge would
 * forward to other isolated bridges, and 2 what it would forward between its own ports. Replaces earlier rules of the
 * same bridge. */
int nft_network_add(const struct network_spec *network, struct failure *failure);
int nft_network_remove(const char *bridge, struct failure *failure);
