/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * ctl: virt-aa-ctl, the program for the administrator. It has one verb a file, verb-NAME.c, in the table
 * of program-ctl.c. A verb finds something out as plain structs, and then says it twice: as text for a person, and
 * as JSON for programs, by output.h, which alone prints. What is read is read by the rooms that helper and
 * launcher are made of, so that the two cannot disagree about it.
 *
 * The verbs that switch on and off are a library of their own, which has neither libvirt's client library nor
 * JSON-GLib nor the journal, and a second program: virt-aa-switch, which packages run when they are installed,
 * upgraded and removed, whatever there is of virt-aa-ctl and of libvirt then.
 */

#include <glib.h>

#include "ctl/changes.h"
#include "ctl/output.h"
#include "helper/helper.h"

/** What virt-aa-ctl was built with. The tests run the same program with paths of theirs. */
typedef struct {
    HelperConfig helper;          /* what virt-aa-helper was built with */
    const char *apparmor_dir;     /* /etc/apparmor.d */
    const char *apparmorfs;       /* securityfs's directory "apparmor"; need not be there */
    const char *proc;             /* /proc */
    const char *libexecdir;       /* libvirt's, where libvirtd looks for virt-aa-helper */
    const char *helper_dir;       /* where ours is installed */
    const char *data_json_dir;    /* DATADIR/qemu/vhost-user: descriptions of packages */
    const char *sysconf_json_dir; /* SYSCONFDIR/qemu/vhost-user: the administrator's, which win */
    const char *pid_dir;          /* where libvirt writes the pid files of virtiofsds down */
    const char *
        user_dir; /* where each user has a directory, with those of libvirt's session driver in it */
    const char *log_dir; /* of libvirt's QEMU driver: one log for each domain and each virtiofsd */
    const char *audit_log;   /* auditd's log, where there is one */
    const char *journal_dir; /* (nullable): of a journal that is not the system's, for tests */
    const char *uri;         /* libvirt's, where --connect does not say */
    const char *dpkg_dir;    /* dpkg's database; need not be there */
    const char *dpkg_bin;    /* where dpkg-divert and dpkg-query are */
    guint launcher_ms;       /* how long a launcher that is on its way to a label is waited for */
} CtlConfig;

/** Exit statuses: virt-aa-ctl(8) documents them. The greater one wins where several are true. */
typedef enum {
    CTL_GOOD = 0,       /* it was done; all that should be confined is */
    CTL_FAILED = 1,     /* it was not done, and says nothing about the state */
    CTL_UNKNOWN = 2,    /* something could not be seen, as by who is not root */
    CTL_STALE = 3,      /* what is in force or installed is not what is on disk */
    CTL_UNCONFINED = 4, /* something is not confined that should be, or would not start */
} CtlStatus;

typedef struct CtlProgram CtlProgram;

/** One call of the program. */
typedef struct {
    const CtlProgram *program;
    const CtlConfig *config;
    const char *uri; /* libvirt's */
    Output *output;
} Ctl;

/** One verb. */
typedef struct {
    const char *name;
    const char *arguments; /* as in "Usage: virt-aa-ctl NAME ARGUMENTS" */
    const char *summary;   /* a line, N_() */
    /* argv[0] is the verb. Its options are for a GOptionContext of ctl_parse(). An error is CTL_FAILED. */
    CtlStatus (*run)(Ctl *ctl, int argc, char **argv, GError **error);
} CtlVerb;

/** One of the programs of this room. */
struct CtlProgram {
    const char *name;
    const char *description; /* some lines, N_() */
    const char *more;        /* where there is more to read, a line, N_() */
    const CtlVerb *const *verbs;
    gsize n_verbs;
    /* (nullable): says as JSON what enable, update or disable did, @findings (nullable) of the chain afterwards; NULL: a
     * program for scripts of packages, without --json and, as it asks libvirt nothing, without --connect */
    void (*switched_json)(Output *output, const Changes *changes, GPtrArray *findings);
};

/**
 * ctl_parse:
 * @verb: whose arguments these are
 * @entries: (nullable): its own options, besides --help, --json and --connect, which all have where the program has
 * @argc, @argv: (inout): those of the verb; afterwards without options, argv[0] still the verb
 * @min, @max: how many arguments that are no options it takes
 * Returns: FALSE with @error set for what is no call of the verb, an option that it does not know first of
 *   all. --help prints and ends the program.
 */
gboolean ctl_parse(Ctl *ctl, const CtlVerb *verb, const GOptionEntry *entries, int *argc,
                   char ***argv, int min, int max, GError **error);

/** ctl_worse: Returns: the one of the two that is to be the exit status. */
CtlStatus ctl_worse(CtlStatus a, CtlStatus b);

/**
 * ctl_main:
 * @program: which of the programs
 * @config: what was built in
 * Returns: a CtlStatus, the exit status
 */
int ctl_main(const CtlProgram *program, const CtlConfig *config, int argc, char **argv);
