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

#include <glib.h>

typedef struct {
    const char *profile; /* QEMU's: "libvirt-UUID" */
    const char *domain;  /* the VM's name */
    const char *share;   /* (nullable): the directory that the XML names, resolved; NULL: hotplug */
    gboolean readonly;   /* with share */
    const char *binary;  /* (nullable): the real virtiofsd */
    GPtrArray *options;  /* (nullable) (element-type utf8): more arguments for it */
} PolicyRecord;

/**
 * record_write:
 * @records: the directory, made if it is not there
 * @socket: the socket's path
 */
gboolean
record_write(const char *records, const char *socket, const PolicyRecord *record, GError **error);

/** record_remove: that there is no record of @socket is no error. */
gboolean record_remove(const char *records, const char *socket, GError **error);
