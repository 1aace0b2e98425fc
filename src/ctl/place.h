/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The place where libvirtd looks for virt-aa-helper, and who is in it. Ours is installed in a directory of
 * its own, and "enable" copies it there; libvirt's is kept beside it. A distribution may instead divert
 * libvirt's itself and install ours in its place.
 */

#include "ctl/ctl.h"
#include "ctl/diversion.h"

typedef struct {
    char *in_place;        /* LIBEXECDIR/virt-aa-helper: what libvirtd runs */
    char *ours;            /* HELPER_DIR/virt-aa-helper: what is installed */
    char *kept;            /* IN_PLACE.libvirt: libvirt's own, while ours is in its place */
    gboolean by_package;   /* ours is installed in the place itself: it is not for us to move */
    gboolean is_there;     /* something is in the place */
    gboolean is_ours;      /* and it is ours */
    gboolean is_installed; /* and the same, byte by byte, as the one that is installed */
    gboolean ours_is_there;
    gboolean kept_is_there;
    gboolean has_dpkg;   /* and it manages this host */
    Diversion diversion; /* of the place */
    char *version;       /* (nullable): what is in the place says of itself, if it is ours */
} Place;

void place_free(Place *place);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Place, place_free)

/** place_look: runs what is in the place, as libvirtd does as root, for what it says of itself. */
Place *place_look(const CtlConfig *config, GError **error);

/** place_has_libvirt: whether a helper of libvirt's belongs there: libvirt looks for it in this directory. */
gboolean place_has_libvirt(const Place *place);

/**
 * place_lost_libvirt:
 * Whether libvirt has been removed: none of its other programs is beside the place, and, where there is dpkg, no
 * package of it installs a file there. Runs dpkg-query.
 */
gboolean place_lost_libvirt(const Place *place, const CtlConfig *config);
