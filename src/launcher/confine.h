/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The steps by which a virtiofsd comes under its VM's profile, in the order in which launcher.c takes
 * them. Each does one thing and has seen that it was done when it returns true.
 */

#include <stdbool.h>

#include "launcher/arguments.h"
#include "basic/failure.h"
#include "launcher/needs.h"
#include "launcher/system.h"
#include "launcher/launcher.h"
#include "launcher/find-record.h"

/**
 * confine_check_arguments:
 * Whether these arguments can be served under a profile: there is one directory, no id map, and the
 * configuration's options leave alone what is not theirs.
 */
bool confine_check_arguments(const Arguments *arguments, const Record *record, Failure *failure);

/**
 * confine_check_share:
 * Whether @share, resolved, is the directory that the VM's definition names for this socket. Any is,
 * where the record has none: the share is being hotplugged, and the helper decides about it.
 */
bool confine_check_share(const char *share, const Record *record, Failure *failure);

/* What virtiofsd is to serve, and on which socket. */
typedef struct {
    const char *socket; /* its path, as libvirtd has it */
    const char *share;  /* the directory, resolved */
    bool readonly;
} Served;

/**
 * confine_cover:
 * Makes sure that the loaded profile allows @served, through the helper where it does not yet.
 */
bool confine_cover(const LauncherPaths *paths, const System *system, const Record *record,
                   const Served *served, Failure *failure);

/**
 * confine_namespaces:
 * New network, IPC and UTS namespaces, which virtiofsd's own sandbox "namespace" would have made, and a
 * mount namespace, in which mounts_set() does the rest.
 */
bool confine_namespaces(const System *system, Failure *failure);

/**
 * confine_filter:
 * No system call from here on that reaches beyond the share; see launcher/filter.h.
 */
bool confine_filter(const System *system, const Needs *needs, Failure *failure);

/**
 * confine_label:
 * From the next exec on, and not before, this process has the VM's label.
 * @mode: (out) (transfer full): the profile's mode, "enforce" or another
 */
bool confine_label(const System *system, const Record *record, char **mode, Failure *failure);
