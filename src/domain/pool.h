/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Bytes → what libvirt's storage driver says of one of its pools, as far as it tells where volumes are.
 *
 * The source is the driver's own state, RUNSTATEDIR/libvirt/storage/POOL.xml, which is there while the
 * pool is active: <poolstate> around the <pool> that virsh pool-dumpxml shows (virStoragePoolSaveState()).
 */

#include <glib.h>

typedef enum {
    POOL_FILES,   /* dir, fs, netfs, vstorage, logical, zfs: volumes are called so in the target */
    POOL_DEVICES, /* disk, mpath: volumes are called so in /dev */
    POOL_LUNS,    /* scsi, iscsi: a volume is "unit:BUS:TARGET:LUN" of some host adapter */
    POOL_NETWORK, /* rbd, gluster, sheepdog, iscsi-direct: no path of this host */
    POOL_OTHER,   /* of a type that is not known */
} PoolKind;

typedef struct {
    PoolKind kind;
    char *type;    /* as it is spelt: "logical" */
    char *target;  /* absolute, of <target><path>; NULL: none */
    char *adapter; /* "scsi_host3", of <source><adapter>; NULL: none is named so */
    char *device;  /* of <source><device path=…>: an iSCSI target's name, for one; NULL: none */
} Pool;

/**
 * pool_parse:
 * Returns: (transfer full): the pool that @data is about, or NULL with @error set
 */
Pool *pool_parse(const char *data, gsize len, GError **error);
void pool_free(Pool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Pool, pool_free)

/**
 * pool_name_is_plain:
 * Whether @name can be that of a pool's state or of a file in a pool's directory: it is not empty and
 * leads nowhere else, by a slash or as "." or "..".
 */
gboolean pool_name_is_plain(const char *name);
