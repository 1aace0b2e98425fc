/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/grants.h"

/* QEMU opens the two halves of a pipe, or the one FIFO without a suffix. */
static gboolean
add_pipe(Builder *builder, Origin origin, const char *path, GError **error)
{
    g_autofree char *in = g_strconcat(path, ".in", NULL);
    g_autofree char *out = g_strconcat(path, ".out", NULL);

    return grant_path(builder, builder->model->grants, origin, in, PERM_R | PERM_W, ADD_PLAIN,
                      error) &&
           grant_path(builder, builder->model->grants, origin, out, PERM_R | PERM_W, ADD_PLAIN,
                      error);
}

static gboolean
add_chardev(Builder *builder, const DomainChardev *chardev, GError **error)
{
    g_autofree char *element = g_strdup_printf("<%s>", chardev->element);
    Origin origin = {element, chardev->line};
    gboolean is_console = g_str_equal(chardev->element, "console");

    if (!chardev->path)
        return TRUE;
    if (chardev->type == DOMAIN_CHARDEV_PIPE && !add_pipe(builder, origin, chardev->path, error))
        return FALSE;
    /* libvirt's helper knows only the one without a suffix for a console */
    if (chardev->type == DOMAIN_CHARDEV_PIPE && !is_console)
        return TRUE;
    return grant_path(builder, builder->model->grants, origin, chardev->path, PERM_R | PERM_W,
                      ADD_PLAIN, error);
}

gboolean
model_add_chardevs(Builder *builder, GError **error)
{
    const Domain *domain = builder->domain;
    GPtrArray *arrays[] = {domain->serials, domain->consoles, domain->parallels, domain->channels};

    for (gsize i = 0; i < G_N_ELEMENTS(arrays); i++)
        for (guint j = 0; j < arrays[i]->len; j++)
            if (!add_chardev(builder, g_ptr_array_index(arrays[i], j), error))
                return FALSE;
    return TRUE;
}
