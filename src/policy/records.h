/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Records as files of root's below RUNSTATEDIR/virt-aa-virtiofs: directories 0700, files 0600. What is in
 * that of a socket, and who reads it, says virtiofsd/record.h; that of a VM is the helper's own. They
 * change with the policy, in one transaction.
 */

#include "policy/change.h"
#include "virtiofsd/record.h"

/* What kinds of records there are: the directories below RECORDS. */
#define RECORDS_SOCKETS "sockets"
#define RECORDS_VMS     "vms"

/**
 * records_open:
 * @records: the directory of all records
 * @kind: RECORDS_SOCKETS or RECORDS_VMS
 * @make: make what is missing
 */
PolicyDir *records_open(const char *records, const char *kind, gboolean make, GError **error);

/**
 * records_name:
 * Returns: (transfer full): the name of the file of @socket's record, or NULL with @error set where the
 *   path is too long for one
 */
char *records_name(const char *socket, GError **error);

/**
 * records_text:
 * @socket: for messages
 * Returns: (transfer full): what is in the file, or NULL with @error set for what no launcher would take
 */
char *records_text(const Record *record, const char *socket, GError **error);

/**
 * records_whose:
 * @name: of a socket's record
 * @profile: (out) (transfer full): that of the VM whose it is
 * BASE_ERROR_NOT_FOUND: there is none; anything else: nobody knows
 */
gboolean records_whose(const PolicyDir *dir, const char *name, char **profile, GError **error);

/**
 * records_list:
 * @names: (element-type utf8): to which the names of all records in @dir are added, in no order
 * @error: BASE_ERROR_DENIED: the directory may not be read
 * FALSE as well where it could not be read to its end.
 */
gboolean records_list(const PolicyDir *dir, GPtrArray *names, GError **error);

/**
 * records_find:
 * @dir: of records of sockets
 * @names: (element-type utf8): to which the names of those of @profile are added
 * @error: BASE_ERROR_DENIED: the directory may not be read
 * Looks at all records, for who has lost what names them, but for what another VM's call has beside one. FALSE as
 * well if it is not known of one whose it is; the others are found all the same.
 */
gboolean records_find(const PolicyDir *dir, const char *profile, GPtrArray *names, GError **error);

/** records_stage: stages @text as the record @name in @dir, unless that is what it is. */
gboolean records_stage(PolicyChange *change, const PolicyDir *dir, const char *name,
                       const char *text, GError **error);

/*
 * Records that are held. A socket's path may be that of two VMs, one after the other, which do not have each
 * other's lock: a libvirtd that did not see the end of the one begins to count anew. So what is done to a record by
 * its name is done with a lock, of flock(2), on what the name leads to:
 *
 *     shared      by a launcher, until its process has the VM's label (record_read() in launcher/find-record.h);
 *                 and by who removes it, who then knows that it still is what he looked at
 *     exclusive   by who puts another VM's in its place, until that is final; and by who unloads the VM's profile, so
 *                 that no launcher is on its way to it
 *
 * What has no name yet is made under it only if that is so still: swap_in(). A lock ends with its holder.
 */
typedef struct _RecordsHeld RecordsHeld;

/** records_held_new: holds none yet, and waits for others LIMIT_RECORD_WAIT_MS in all. */
RecordsHeld *records_held_new(void);
void records_release(RecordsHeld *held);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RecordsHeld, records_release)

/**
 * records_claim:
 * Nobody else removes or replaces the record @name, if there is one, until @held is released; the caller, who has the
 * lock of @profile's VM, may.
 * @error: BASE_ERROR_BUSY: somebody else uses it, or nobody knows
 */
gboolean records_claim(RecordsHeld *held, const PolicyDir *dir, const char *name,
                       const char *profile, GError **error);

/**
 * records_keep:
 * @own: (out): whether there is a record @name, and it is @profile's. Then it is still that until @held is
 *   released, and the caller may remove it
 * @error: as of records_claim() and records_whose(), but that there is none is no error
 */
gboolean records_keep(RecordsHeld *held, const PolicyDir *dir, const char *name,
                      const char *profile, gboolean *own, GError **error);

/** records_remove: removes the record @name if it is @profile's. @error: as of records_keep() */
gboolean records_remove(RecordsHeld *held, const PolicyDir *dir, const char *name,
                        const char *profile, GError **error);

/**
 * records_hold:
 * @names: (element-type utf8): of records
 * Returns: (transfer full) (nullable): those that are there, kept from being used; NULL where one of them is being
 *   used, or nobody knows. Waits for nobody
 */
RecordsHeld *records_hold(const PolicyDir *dir, GPtrArray *names);

/** records_hold_of: the same of all that say they are @profile's; NULL as well where nobody knows which do */
RecordsHeld *records_hold_of(const PolicyDir *dir, const char *profile);
