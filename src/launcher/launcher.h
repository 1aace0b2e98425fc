/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * launcher: virt-aa-virtiofsd, which libvirt runs instead of virtiofsd.
 *
 * It finds out which VM it serves, makes sure that the profile of that VM's virtiofsd covers the
 * directory, and becomes the real virtiofsd under that profile. libvirt starts it for every share of
 * every VM, as root, so it does little, does it once, and checks each step after it was done.
 *
 * Two rules decide everything else:
 *
 *  - Where there is nothing to confine it must not be noticed. A question such as
 *    --print-capabilities, a session-mode VM, a kernel without AppArmor, a VM without an AppArmor
 *    label: the real virtiofsd gets the arguments exactly as they came.
 *  - Where virt-aa-helper left a record for the socket, the VM is confined, and nothing falls open.
 *    Whatever fails from there on ends the start, with one line that says what to do.
 *
 * It is built from libc and libapparmor alone. It runs between libvirtd and virtiofsd at every start,
 * where a millisecond counts, and it is the program of this project that a hostile command line or
 * configuration would have to fool, so what it links is what has to be trusted.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "launcher/system.h"

/** Where things are. What is installed uses launcher_paths; tests bring their own. */
typedef struct {
    const char *name;    /* of this program: a candidate of that name is never the real one */
    const char *self;    /* this very file, by a path that the kernel answers */
    const char *records; /* RUNSTATEDIR/virt-aa-virtiofs */
    const char *helper;  /* virt-aa-helper */
    const char *proc;    /* "/proc", where a record's announcer is looked for */
    const char *const
        *vhost_user; /* vhost-user JSON directories, the strongest first, NULL at the end */
    const char *const *known; /* where distributions put virtiofsd, NULL at the end */
    uid_t owner;              /* who owns records and programs: root */
    int helper_ms;            /* how long the helper may take */
} LauncherPaths;

extern const LauncherPaths launcher_paths;

/** What to do with this start; the table of docs/virtiofsd.md. */
typedef enum {
    LAUNCHER_PASS,       /* become the real virtiofsd, arguments untouched */
    LAUNCHER_PASS_NOTED, /* the same if the configuration lets it, and say in the log that this one is
                            not confined */
    LAUNCHER_CONFINE,    /* a record exists */
    LAUNCHER_REFUSE,     /* it cannot be known whether one exists */
} LauncherDecision;

/** What is known of the record when deciding. */
typedef enum {
    LAUNCHER_RECORD_NONE,    /* no socket of libvirt's, or certainly no record for it */
    LAUNCHER_RECORD_FOUND,   /* there is one */
    LAUNCHER_RECORD_UNKNOWN, /* it could not be read, or the socket could not be asked */
} LauncherRecord;

/**
 * launcher_decide:
 * @query: the command line only asks the program about itself
 * @root: the effective user is root
 * @apparmor: this kernel has AppArmor, or it cannot be ruled out
 * @record: ignored where one of the above already decides
 */
LauncherDecision launcher_decide(bool query, bool root, bool apparmor, LauncherRecord record);

/**
 * launcher_run:
 * @environment: what the program was started with: the real virtiofsd gets it where it is none of ours
 *   to confine, and little of it where it is
 * Does all the work of the program. Does not return where it becomes the real virtiofsd.
 * Returns: an exit status, always a failure, after one line on standard error
 */
int launcher_run(int argc, char *argv[], char *const environment[], const LauncherPaths *paths,
                 const System *system);
