/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is known of a running VM besides what its XML says at the moment: the grants of its last full
 * call, what libvirtd has announced since, and the shares that its virtiofsds serve. Rules are rendered
 * from it and never read back.
 *
 * A file of root's, RECORDS/vms/PROFILE, below /run: it ends with the boot, as running VMs do. The
 * grammar is that of all records (see virtiofsd/fields.h).
 */

#include <glib.h>

#include "host/host.h"

/* A directory that a virtiofsd of the VM serves, or is about to. */
typedef struct {
    char *alias; /* "fs0" */
    char *dir;   /* resolved */
    gboolean readonly;
    char *socket;  /* of an attached one: where it listens; NULL: the XML has it */
    guint pid;     /* of an attached one: its process; 0: not known */
    guint64 start; /* when that began, in clock ticks since boot: proc(5), stat, starttime */
} RecordedShare;

typedef struct {
    char *profile; /* "libvirt-UUID" */
    char *domain;
    int id;              /* of this run; -1: not running */
    gboolean qemu_known; /* FALSE: its rules were there before the record; they are kept as text */
    char *qemu_loaded;   /* kernel_mark() of what QEMU's profile was loaded as; NULL: not known */
    char *virtiofsd_loaded; /* the same of virtiofsd's */
    GPtrArray *qemu;        /* of Grant: of the last full call */
    GPtrArray *announced;   /* of Grant: since then */
    GPtrArray *virtiofsd;   /* of Grant: what every virtiofsd of the VM needs */
    GPtrArray *writer;      /* of Grant: and one that serves for writing */
    GPtrArray *memory;      /* of char*: directories of guest memory, resolved */
    GPtrArray *sockets;     /* of char*: those with a record of their own */
    GPtrArray *shares;      /* of RecordedShare */
} VmRecord;

/** vm_record_new: an empty one, of a VM that is not running. */
VmRecord *vm_record_new(const char *profile);
void vm_record_free(VmRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(VmRecord, vm_record_free)

/** vm_record_format: Returns: (transfer full): the text of the file, or NULL if it is too long for one */
char *vm_record_format(const VmRecord *record, GError **error);

/**
 * vm_record_parse:
 * @profile: whose it has to be
 * Returns: (transfer full): the record, or NULL with @error set where @text is not exactly one
 */
VmRecord *vm_record_parse(const char *text, const char *profile, GError **error);

/** vm_record_add_path: appends @path to @paths (of char*), once. */
void vm_record_add_path(GPtrArray *paths, const char *path);

/** vm_record_find_share: Returns: (transfer none) (nullable): the share of the device @alias */
RecordedShare *vm_record_find_share(const VmRecord *record, const char *alias);

/**
 * vm_record_put_share:
 * Adds a share, in place of one of the same alias.
 * Returns: (transfer none): the share, whose socket and process the caller may fill in
 */
RecordedShare *
vm_record_put_share(VmRecord *record, const char *alias, const char *dir, gboolean readonly);

/**
 * vm_record_drop_ended:
 * Drops attached shares whose virtiofsd has ended: libvirtd detaches a share without calling anybody,
 * and removes its socket.
 */
void vm_record_drop_ended(VmRecord *record, Host *host);

/**
 * vm_record_note_process:
 * Notes that @pid serves @share, and since when it runs; nothing where that cannot be learnt.
 */
void vm_record_note_process(RecordedShare *share, Host *host, guint pid);

/** vm_record_has_writable: whether a share may be written. */
gboolean vm_record_has_writable(const VmRecord *record);
