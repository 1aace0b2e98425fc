/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the verb status has found out, and its two ways of saying it. */

#include <json-glib/json-glib.h>

#include "ctl/domain-state.h"
#include "ctl/strays.h"

/* How many domains are what; the sum is all domains. */
typedef struct {
    guint confined, exempt, stale, unconfined, unknown, off;
} StatusCounts;

typedef struct {
    HostState *host;
    GPtrArray *domains;  /* (nullable) (element-type CtlDomain): libvirt cannot be asked */
    GPtrArray *states;   /* (element-type DomainState): one for each of @domains */
    GPtrArray *strays;   /* (nullable) (element-type Stray): NULL: one domain is asked for */
    GPtrArray *chain;    /* (nullable) (element-type Finding): of the installation, likewise */
    GPtrArray *findings; /* of the whole, as that libvirt cannot be asked */
    StatusCounts counts;
    CtlStatus status;
} Status;

/** status_print: as text; a domain that is off is shown whole only where it is the one that was asked for. */
void status_print(Output *output, const Status *status);

/** status_to_json: Returns: (transfer full): the document that virt-aa-ctl(8) describes */
JsonNode *status_to_json(const Status *status);
