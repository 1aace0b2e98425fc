/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/place.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl/command.h"

/* What only ours says when it is asked for its version. */
#define OUR_NAME "(" PACKAGE_NAME ")"

void
place_free(Place *place)
{
    if (!place)
        return;
    g_free(place->in_place);
    g_free(place->ours);
    g_free(place->kept);
    g_free(place->version);
    diversion_clear(&place->diversion);
    g_free(place);
}

static gboolean
is_there(const char *path)
{
    return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* Other distributions have dpkg as a tool, with an empty database. */
static gboolean
has_packages(const char *dpkg_dir)
{
    g_autofree char *status = g_build_filename(dpkg_dir, "status", NULL);
    struct stat st;

    return stat(status, &st) == 0 && st.st_size > 0;
}

static gboolean
same_bytes(const char *a, const char *b)
{
    g_autofree char *x = NULL;
    g_autofree char *y = NULL;
    gsize x_length;
    gsize y_length;

    return g_file_get_contents(a, &x, &x_length, NULL) &&
           g_file_get_contents(b, &y, &y_length, NULL) && x_length == y_length &&
           memcmp(x, y, x_length) == 0;
}

/* libvirt's own helper does not know the option, and fails. */
static char *
ask_version(const char *helper)
{
    const char *const argv[] = {helper, "--version", NULL};
    g_autoptr(GBytes) output = NULL;
    g_autofree char *text = NULL;

    if (!command_run(argv, &output, NULL))
        return NULL;
    text = g_strndup(g_bytes_get_data(output, NULL), g_bytes_get_size(output));
    if (!strstr(text, OUR_NAME))
        return NULL;
    text[strcspn(text, "\n")] = '\0';
    return g_steal_pointer(&text);
}

Place *
place_look(const CtlConfig *config, GError **error)
{
    g_autoptr(Place) place = g_new0(Place, 1);
    g_autofree char *divert = g_build_filename(config->dpkg_bin, "dpkg-divert", NULL);

    place->in_place = g_build_filename(config->libexecdir, "virt-aa-helper", NULL);
    place->ours = g_build_filename(config->helper_dir, "virt-aa-helper", NULL);
    place->kept = g_strconcat(place->in_place, ".libvirt", NULL);
    place->by_package = strcmp(place->in_place, place->ours) == 0;
    place->is_there = is_there(place->in_place);
    place->ours_is_there = access(place->ours, X_OK) == 0;
    place->kept_is_there = is_there(place->kept);
    place->has_dpkg = has_packages(config->dpkg_dir) && access(divert, X_OK) == 0;
    if (place->has_dpkg &&
        !diversion_find(config->dpkg_dir, place->in_place, &place->diversion, error))
        return NULL;
    place->is_installed = place->ours_is_there && same_bytes(place->in_place, place->ours);
    if (access(place->in_place, X_OK) == 0)
        place->version = ask_version(place->in_place);
    place->is_ours = place->is_installed || place->version != NULL;
    return g_steal_pointer(&place);
}

gboolean
place_has_libvirt(const Place *place)
{
    return (place->is_there && !place->is_ours) || place->kept_is_there ||
           (place->diversion.to && is_there(place->diversion.to));
}

/* dpkg-query names diversions as well, one a line: only "PACKAGE…: PATH" is of a package. */
static gboolean
has_owner(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);

    for (gsize i = 0; lines[i]; i++) {
        if (*lines[i] && !g_str_has_prefix(lines[i], "local diversion ") &&
            !g_str_has_prefix(lines[i], "diversion by "))
            return TRUE;
    }
    return FALSE;
}

/* Whether a package has the place, or nobody can say. */
static gboolean
is_owned(const Place *place, const CtlConfig *config)
{
    g_autofree char *query = g_build_filename(config->dpkg_bin, "dpkg-query", NULL);
    g_autofree char *admindir = g_strconcat("--admindir=", config->dpkg_dir, NULL);
    const char *const argv[] = {query, admindir, "--search", place->in_place, NULL};
    g_autoptr(GBytes) output = NULL;
    g_autofree char *text = NULL;
    g_autoptr(GError) problem = NULL;

    if (!command_run(argv, &output, &problem))
        return strstr(problem->message, "no path found") == NULL;
    text = g_strndup(g_bytes_get_data(output, NULL), g_bytes_get_size(output));
    return has_owner(text);
}

gboolean
place_lost_libvirt(const Place *place, const CtlConfig *config)
{
    g_autofree char *other = g_build_filename(config->libexecdir, "libvirt_iohelper", NULL);

    /* of libvirt's other programs this one has been in the same directory since 0.9 */
    return !is_there(other) && !(place->has_dpkg && is_owned(place, config));
}
