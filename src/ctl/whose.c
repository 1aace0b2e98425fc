/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/whose.h"

#include <string.h>

#include "virtiofsd/label.h"

#define PREFIX        "libvirt-"
#define PROFILE_BYTES (strlen(PREFIX) + 36)

/* Profiles that are not of a VM, by their name or by the path that some distributions name them by. */
static const struct {
    const char *name;
    Role role;
} programs[] = {
    {"libvirt-virtiofsd-launcher", ROLE_LAUNCHER},
    {"virt-aa-helper", ROLE_HELPER},
    {"libvirtd", ROLE_LIBVIRTD},
    {"virtqemud", ROLE_LIBVIRTD},
};

static gboolean
is_named(const char *profile, const char *name)
{
    const char *slash = *profile == '/' ? strrchr(profile, '/') : NULL;

    return strcmp(slash ? slash + 1 : profile, name) == 0;
}

static Role
role_of_vm(const char *profile, const char *child, char **uuid)
{
    g_autofree char *qemu = g_strndup(profile, PROFILE_BYTES);
    g_autofree char *label = NULL;

    if (!label_is_profile(qemu))
        return ROLE_NONE;
    label = label_from_profile(qemu);
    if (strcmp(profile, qemu) != 0 && g_strcmp0(profile, label) != 0)
        return ROLE_NONE;
    if (uuid)
        *uuid = g_strdup(qemu + strlen(PREFIX));
    if (strcmp(profile, qemu) != 0)
        return ROLE_VIRTIOFSD;
    return child ? ROLE_QEMU_CHILD : ROLE_QEMU;
}

static Role
role_of_one(char *profile, char **uuid)
{
    char *child = strstr(profile, "//");
    Role role;

    if (child)
        *child = '\0';
    role = role_of_vm(profile, child, uuid);
    for (gsize i = 0; role == ROLE_NONE && i < G_N_ELEMENTS(programs); i++) {
        if (is_named(profile, programs[i].name))
            return programs[i].role;
    }
    return role;
}

Role
whose_profile(const char *profile, char **uuid)
{
    g_auto(GStrv) stack = g_strsplit(profile, "//&", -1);
    Role role = ROLE_NONE;

    if (uuid)
        *uuid = NULL;
    for (gsize i = 0; role == ROLE_NONE && stack[i]; i++)
        role = role_of_one(stack[i], uuid);
    return role;
}

Role
avc_whose(const Avc *avc, char **uuid, char **peer)
{
    *peer = NULL;
    if (avc->peer)
        whose_profile(avc->peer, peer);
    return whose_profile(avc->profile, uuid);
}

const char *
whose_role_word(Role role)
{
    switch (role) {
    case ROLE_NONE:
        return "other";
    case ROLE_QEMU:
        return "qemu";
    case ROLE_QEMU_CHILD:
        return "qemu-child";
    case ROLE_VIRTIOFSD:
        return "virtiofsd";
    case ROLE_LAUNCHER:
        return "launcher";
    case ROLE_HELPER:
        return "helper";
    case ROLE_LIBVIRTD:
        return "libvirtd";
    }
    g_assert_not_reached();
}
