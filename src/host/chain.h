/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The files that a disk image lies upon, read from the images themselves as libvirt's
 * virStorageSourceGetMetadata() reads them for its helper: in the words of the profile, every further
 * file that QEMU has to open for a disk.
 *
 * What the caller does, for each layer of a disk that the XML has, and which is a file, a block device or a
 * volume with a path, and without fdgroup=: host_chain_read(), with the declared format. No such attribute
 * and 'aio' mean raw.
 *
 * - Where the XML says what lies below the layer, or by an empty <backingStore> that nothing does, only the
 *   layer itself is looked at: its own data file and parts.
 * - Where the XML leaves that open, all below it is. libvirt's drivers do the same
 *   (qemuDomainDetermineDiskChain()), and only its helper takes what the XML says for all there is.
 * - <source><dataStore> goes before the image's own data file: ChainTop.has_data_store.
 *
 * The rules, in libvirt's order: the disk's path; then for each link in order its path. A link of depth 0
 * is the top's data file and has the top's permissions ("rwk", or "rk" if it is read-only); all others
 * have "rk". A link's path may be relative, and then libvirt's helper prints a warning and no rule. Of a
 * VMDK image in parts libvirt knows the text only that names the parts; here they are links as well.
 */

#include <glib.h>

#include "host/host.h"
#include "image/image.h"

typedef struct {
    char *path;         /* as spelt in the image: not resolved, any byte but NUL */
    guint depth;        /* 0: the top; 1: its backing file; … */
    gboolean data_file; /* the external data file of the layer at @depth, not the layer itself */
    /* the image at @depth whose data file this is, or that is in parts of which this is one; NULL: none */
    char *part_of;
} ChainLink;

typedef struct {
    const char *path;   /* of the disk's own image */
    ImageFormat format; /* as declared; AUTO, AUTO_SAFE and NONE are taken for raw */
    const char
        *encryption; /* (nullable): <encryption format=>; where it is not the image's, libvirt
                                reads no further */
    gboolean has_data_store; /* the XML has a <dataStore>: leave out the top's data file */
} ChainTop;

/**
 * host_chain_read:
 * @host: where the images are
 * @top: the disk's own image, which is not among the links
 * @max_depth: images in the chain, with the top: LIMIT_CHAIN_DEPTH, or what is left of it; 1: the top only
 * @known: (nullable): of host_chains_new(): what was read by earlier calls ends the chain without a word.
 *   Below the tops all have the same permissions, so that those calls had all its links
 * @warnings: (nullable) (element-type utf8): gets a line, translated and without control characters,
 *   for each thing that ended the chain early; free function g_free
 *
 * Never fails and never blocks: what libvirt would leave out is left out. These end a chain: an image
 * that is not there, cannot be read or does not say the format of a backing file that has files of its
 * own (that image is left out); a name that nobody understands (the image with the name is left out,
 * unless it is the top); a network disk; the depth; a loop, which libvirt would go round to the depth
 * and print as often.
 *
 * Pipes, sockets and character devices are never opened: for a pipe libvirt would wait without end, and
 * opening a device may do something. A character device counts as an empty image.
 *
 * Returns: (transfer full) (element-type ChainLink): top's data file, backing file, its data file, …
 */
GPtrArray *host_chain_read(Host *host, const ChainTop *top, guint max_depth, GHashTable *known,
                           GPtrArray *warnings);

/**
 * host_chains_new:
 * Returns: (transfer full): the images below the tops that were read so far, none, for the disks of one
 *   VM: thousands may lie on one chain
 */
GHashTable *host_chains_new(void);

/**
 * host_chain_is_layered:
 * Whether the image at @path, whose format nobody gave, names another one: QEMU, which finds the format out,
 * would open that. It is not what a rule may be made of, as the guest can have written it, but what a
 * person should hear of. FALSE where that cannot be told.
 */
gboolean host_chain_is_layered(Host *host, const char *path);
