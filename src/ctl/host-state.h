/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What status asks of the host, each once, whatever the number of domains. */

#include "ctl/ctl.h"
#include "ctl/pid-files.h"
#include "ctl/processes.h"
#include "ctl/profile-state.h"
#include "ctl/vm-records.h"
#include "helper/request.h"

typedef struct {
    PidFiles *pid_files;
    VmRecords *records;
    ProfileLooker *looker; /* (nullable): the policy cannot be looked at */
    Request *request;      /* (nullable): with the administrator's settings */
    GPtrArray *processes;  /* (nullable): they cannot be seen */
    GHashTable *labels;    /* of label_index_new(); empty without @processes */
    GPtrArray *findings;   /* what could not be seen */
} HostState;

void host_state_free(HostState *host);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(HostState, host_state_free)

/** host_state_new: Returns: (transfer full): never fails; what could not be seen is in the findings */
HostState *host_state_new(const Ctl *ctl);

/** host_state_process: Returns: (transfer none) (nullable): the process that holds @file */
const CtlProcess *host_state_process(const HostState *host, const PidFile *file);

/** host_state_users: Returns: (transfer none) (nullable): who has the profile, GPtrArray of CtlProcess */
GPtrArray *host_state_users(const HostState *host, const char *profile);

/** host_state_unknown: Returns: (transfer static): how what could not be seen begins, with "needs root" where that is why */
const char *host_state_unknown(void);

/** host_state_remedy: Returns: (transfer static) (nullable): the command that can see it */
const char *host_state_remedy(void);
