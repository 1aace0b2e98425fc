/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Records: what the launcher, virt-aa-virtiofsd, finds out about a virtiofsd that libvirtd is about to
 * start, from the one thing that it has: the listening socket.
 *
 * RECORDS/sockets/ESCAPED, where ESCAPED is the socket's path with "%" as "%25" and "/" as "%2F"; mode
 * 0600, in directories 0700. Lines: "virt-aa-virtiofs 1", and then "key=value", with bytes below 0x20,
 * 0x7f and "%" in values as "%XX". The reader is src/launcher/record.c.
 */

#include "policy/files.h"

typedef struct {
    const char *profile; /* QEMU's: "libvirt-UUID" */
    const char *domain;  /* the VM's name */
    const char *share;   /* (nullable): the directory that the XML names, resolved; NULL: hotplug */
    gboolean readonly;   /* with share */
    const char *binary;  /* (nullable): the real virtiofsd */
    GPtrArray *options;  /* (nullable) (element-type utf8): more arguments for it */
} PolicyRecord;

/* What kinds of records there are: the directories below RECORDS. */
#define RECORDS_SOCKETS "sockets"
#define RECORDS_VMS     "vms"

/**
 * records_open:
 * @records: the directory of all records
 * @kind: RECORDS_SOCKETS or RECORDS_VMS
 * @make: make what is missing, 0700
 */
PolicyDir *records_open(const char *records, const char *kind, gboolean make, GError **error);

/** record_name: the name of the file of @socket's record. */
char *record_name(const char *socket, GError **error);

/** record_text: what is in it. */
char *record_text(const PolicyRecord *record);

/** record_is_of: whether the record @text is of the VM with @profile. */
gboolean record_is_of(const char *text, const char *profile);

/** record_stage: stages @text as the record @name in @dir, mode 0600, unless that is what it is. */
gboolean record_stage(PolicyChange *change, const PolicyDir *dir, const char *name,
                      const char *text, GError **error);
