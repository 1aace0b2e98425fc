/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/libvirt-dir.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* Where distributions have libvirt's helper (LIBEXECDIR of libvirt's build). */
static const char *const well_known[] = {
    "/usr/lib/libvirt",   "/usr/libexec",           "/usr/libexec/libvirt",
    "/usr/lib64/libvirt", "/usr/local/lib/libvirt", "/usr/local/libexec",
};

/* What comes behind the prefix of libvirt's build, whose descriptions are in PREFIX/share/qemu. */
static const char *const below_prefix[] = {"/lib/libvirt", "/lib64/libvirt", "/libexec/libvirt",
                                           "/libexec"};

/* (nullable): where libvirt's helper is, if not where it should be */
static char *
find_elsewhere(const CtlConfig *config)
{
    const char *root = config->helper.host_root ? config->helper.host_root : "";

    for (gsize i = 0; i < G_N_ELEMENTS(well_known); i++) {
        g_autofree char *folder = g_strconcat(root, well_known[i], NULL);
        g_autofree char *helper = g_build_filename(folder, "virt-aa-helper", NULL);

        if (strcmp(folder, config->libexecdir) != 0 && g_file_test(helper, G_FILE_TEST_EXISTS))
            return g_steal_pointer(&folder);
    }
    return NULL;
}

/* (nullable): where a libvirt whose helper is in @libexecdir reads descriptions; NULL: not known */
static char *
descriptions_of(const char *libexecdir)
{
    for (gsize i = 0; i < G_N_ELEMENTS(below_prefix); i++) {
        if (g_str_has_suffix(libexecdir, below_prefix[i]))
            return g_strdup_printf("%.*s/share/qemu/vhost-user",
                                   (int)(strlen(libexecdir) - strlen(below_prefix[i])), libexecdir);
    }
    return NULL;
}

/* libvirt's helper is not there; where else it is. */
static char *
missing_helper(const CtlConfig *config, const char **remedy)
{
    g_autofree char *elsewhere = find_elsewhere(config);
    g_autofree char *other = g_build_filename(config->libexecdir, "libvirt_iohelper", NULL);

    if (g_file_test(other, G_FILE_TEST_EXISTS)) {
        *remedy = _("install libvirt's package that has virt-aa-helper again");
        return g_strdup_printf(_("libvirt is in %s, and its own helper is not"),
                               config->libexecdir);
    }
    if (elsewhere)
        return g_strdup_printf(_("this was built for a libvirt in %s, and the libvirt of this "
                                 "host is in %s"),
                               config->libexecdir, elsewhere);
    return g_strdup_printf(_("libvirt is not in %s: it is not installed, or in another "
                             "directory than this was built for"),
                           config->libexecdir);
}

char *
libvirt_dir_problem(const CtlConfig *config, const Place *place, const char **remedy)
{
    g_autofree char *read = descriptions_of(config->libexecdir);

    *remedy = _("build this with libvirt's own prefix: meson configure --prefix=/usr "
                "-Dlibvirt_libexecdir=DIRECTORY");
    if (!place_has_libvirt(place) && !place->by_package)
        return missing_helper(config, remedy);
    if (read && strcmp(read, config->data_json_dir) != 0)
        return g_strdup_printf(_("the libvirt in %s reads vhost-user descriptions in %s, and ours "
                                 "is in %s"),
                               config->libexecdir, read, config->data_json_dir);
    return NULL;
}
