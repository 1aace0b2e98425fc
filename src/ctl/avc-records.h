/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* AppArmor's records of this host, from all that keep them: the journal, and auditd's files. */

#include "ctl/avc.h"
#include "ctl/ctl.h"

/* Records that are kept of one call: half a minute of what a guest could cause if the kernel did not limit
 * it, and some 100 MiB. */
#define RECORDS_MAX 100000

typedef struct {
    GPtrArray *list;    /* of Avc, by time; each once, though both have it */
    GPtrArray *unread;  /* of char*: what could not be read, and why */
    gboolean any;       /* one of them was read */
    gboolean forbidden; /* one of them may not be read by who we are */
    gboolean cut;       /* there were more than RECORDS_MAX */
} AvcRecords;

void avc_records_free(AvcRecords *records);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AvcRecords, avc_records_free)

/* Whether a record is wanted. */
typedef gboolean (*AvcWanted)(const Avc *avc, gconstpointer data);

/**
 * avc_records_read:
 * @since: moment.h
 * @wanted: looks at each
 * Returns: (transfer full): what there is. One source is enough: auditd takes the records from the kernel's
 *   log, and where it does not run there is no audit.log.
 */
AvcRecords *
avc_records_read(const CtlConfig *config, gint64 since, AvcWanted wanted, gconstpointer data);
