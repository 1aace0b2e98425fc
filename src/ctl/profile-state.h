/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whether a profile of a VM is in force as it lies on disk, and as its template would make it today. */

#include "helper/helper.h"
#include "policy/files.h"
#include "policy/own.h"

typedef enum {
    PROFILE_IN_FORCE, /* the kernel has what the files say */
    PROFILE_NO_FILE,  /* there is none, or one that is damaged */
    PROFILE_CHANGED, /* the kernel has what virt-aa-helper loaded, and the files were changed since */
    PROFILE_FOREIGN,    /* somebody else loaded what the kernel has under this name */
    PROFILE_UNFINISHED, /* a call of virt-aa-helper for this VM was cut off */
    PROFILE_UNKNOWN,    /* files or kernel may not be asked */
} ProfileState;

typedef struct _ProfileLooker ProfileLooker;

/**
 * profile_looker_new:
 * @config: where policy and parser are; must outlive the looker
 * @apparmorfs: securityfs's directory "apparmor"
 * @error: the directory of the policy cannot be opened
 */
ProfileLooker *
profile_looker_new(const HelperConfig *config, const char *apparmorfs, GError **error);
void profile_looker_free(ProfileLooker *looker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ProfileLooker, profile_looker_free)

/* One profile. */
typedef struct {
    const char *owner;      /* "libvirt-UUID", whose mark tells that a call was cut off */
    const char *profile;    /* its name and its file's */
    const char *rules_file; /* "libvirt-UUID.files" or "libvirt-UUID.virtiofsd" */
    const char *template;   /* "TEMPLATE.qemu" */
    const char *loaded; /* (nullable): the mark that virt-aa-helper recorded when it loaded it */
    const Own *own;     /* what the administrator has decided for it */
} ProfileAsked;

/**
 * profile_look:
 * @outdated: (out): the file is not what the template makes today: the template has changed since, or
 *   the file was edited. FALSE where that cannot be told
 */
ProfileState profile_look(ProfileLooker *looker, const ProfileAsked *asked, gboolean *outdated);
