/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The options that an administrator adds to those of libvirt. virt-aa-helper reads them in the
 * configuration file and derives rules from them, the launcher hands them to virtiofsd: both ask here, so
 * that neither takes what the other refuses, and the profile is about the daemon that runs.
 *
 * Lists are arguments in their order, NULL at the end: where a value is an argument of its own it follows
 * its option.
 */

#include <stdbool.h>

#include "basic/failure.h"
#include "virtiofsd/capability.h"
#include "virtiofsd/option.h"

/**
 * extra_check:
 * @options: (nullable): the list
 * @failure: names the option, and says what to write instead where that can be said
 *
 * Whether all of them are options of a virtiofsd, spelled in full and with the values that they take, and
 * leave alone what libvirt and the launcher decide: directory, socket, sandbox, owners, process. What is
 * unknown is refused: it may be what a later virtiofsd calls one of those.
 *
 * Lists that pass also pass one after the other.
 */
bool extra_check(char *const options[], Failure *failure);

/**
 * extra_have:
 * @options: (nullable): a list that extra_check() finds right
 * Whether an option of @kind is among them, in "-o" too.
 */
bool extra_have(char *const options[], OptionKind kind);

/**
 * extra_capabilities:
 * @options: (nullable): a list that extra_check() finds right
 * @capabilities: what virtiofsd keeps without them
 * Returns: what it keeps with them. Of several --modcaps only the last counts, for both daemons, and one
 *   in "-o" before all others (virtiofsd 1.13.2, tried).
 */
Capabilities extra_capabilities(char *const options[], Capabilities capabilities);
