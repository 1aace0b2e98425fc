/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

/* QEMU opens the two halves of a pipe, or the one FIFO without a suffix. */
static gboolean
add_pipe(Builder *builder, const char *path, GError **error)
{
    g_autofree char *in = g_strconcat(path, ".in", NULL);
    g_autofree char *out = g_strconcat(path, ".out", NULL);

    return builder_path(builder, in, PERM_R | PERM_W, ADD_PLAIN, error) &&
           builder_path(builder, out, PERM_R | PERM_W, ADD_PLAIN, error);
}

gboolean
model_add_chardev(Builder *builder, gconstpointer device, GError **error)
{
    const DomainChardev *chardev = device;
    gboolean is_console = chardev->device.kind == DOMAIN_DEVICE_CONSOLE;

    if (!chardev->path)
        return TRUE;
    if (chardev->type == DOMAIN_CHARDEV_PIPE && !add_pipe(builder, chardev->path, error))
        return FALSE;
    /* libvirt's helper knows only the one without a suffix for a console */
    if (chardev->type == DOMAIN_CHARDEV_PIPE && !is_console)
        return TRUE;
    return builder_path(builder, chardev->path, PERM_R | PERM_W, ADD_PLAIN, error);
}
