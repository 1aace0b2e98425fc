/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* How one domain is confined: its QEMU, its shares and their virtiofsds, as libvirt, the kernel and the files say it. */

#include "ctl/confinement.h"
#include "ctl/domains.h"
#include "ctl/finding.h"
#include "ctl/host-state.h"

/* A directory that a domain shares by virtiofs. */
typedef struct {
    char *alias;     /* "fs0" */
    char *target;    /* (nullable): the tag that the guest mounts */
    char *directory; /* (nullable): as the definition has it */
    gboolean readonly;
    gboolean external;       /* <source socket=…>: libvirt runs no virtiofsd for it */
    char *binary;            /* (nullable): the program that the definition names */
    gboolean recorded;       /* the launcher was to serve it: virt-aa-helper left a record for it */
    gboolean records_unseen; /* @recorded is not known */
    PidFileState pid_file;
    const CtlProcess *process; /* (nullable): its virtiofsd, by libvirt's pid file */
    Confinement confinement;
} ShareState;

typedef struct {
    const CtlDomain *domain;
    char *profile;           /* QEMU's, "libvirt-UUID" */
    char *virtiofsd_profile; /* "libvirt-UUID-virtiofsd" */
    gboolean exempt; /* its definition asks for no label, or for one of the administrator's */
    const CtlProcess *qemu;  /* (nullable): not found, or off */
    Confinement confinement; /* of @qemu */
    GPtrArray *shares;       /* (element-type ShareState) */
    GPtrArray
        *more; /* (element-type CtlProcess): with virtiofsd's label, and of no share's pid file */
    gboolean own_rules; /* the administrator has added rules */
    GPtrArray *findings;
} DomainState;

void domain_state_free(DomainState *state);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DomainState, domain_state_free)

/**
 * domain_state_new:
 * @host: whose pid files get claimed; it and @domain must outlive the state
 * Returns: (transfer full): all that is known of @domain, without findings yet
 */
DomainState *domain_state_new(const Ctl *ctl, const HostState *host, const CtlDomain *domain);

/** domain_state_judge: adds to the findings what is not as it should be, or worth a line. */
void domain_state_judge(const Ctl *ctl, const HostState *host, DomainState *state);

/** domain_state_judge_profiles: the part of it about the profiles that are in force. */
void domain_state_judge_profiles(const Ctl *ctl, const HostState *host, DomainState *state);

/** domain_state_restart: Returns: (transfer full): the commands that start the domain anew, to be pasted */
char *domain_state_restart(const DomainState *state);

/** domain_state_word: Returns: (transfer static): "confined", "exempt", "stale", "unconfined", "unknown", "off" */
const char *domain_state_word(const DomainState *state);
