/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

/* QEMU opens the two halves of a pipe, or the one FIFO without a suffix. */
static gboolean
add_halves(Builder *builder, const char *path, AddFlags flags, GError **error)
{
    g_autofree char *in = g_strconcat(path, ".in", NULL);
    g_autofree char *out = g_strconcat(path, ".out", NULL);

    return builder_path(builder, in, PERM_R | PERM_W, flags, error) &&
           builder_path(builder, out, PERM_R | PERM_W, flags, error);
}

/* @whole: a pipe's FIFO without a suffix gets a rule as well */
static gboolean
add_chardev(Builder *builder, const DomainChardev *chardev, gboolean whole, AddFlags flags,
            GError **error)
{
    gboolean is_pipe = chardev->type == DOMAIN_CHARDEV_PIPE;

    if (!chardev->path)
        return TRUE;
    if (is_pipe && !add_halves(builder, chardev->path, flags, error))
        return FALSE;
    /* no pipe has all three */
    builder->warned |= is_pipe;
    return (is_pipe && !whole) ||
           builder_path(builder, chardev->path, PERM_R | PERM_W, flags, error);
}

gboolean
model_add_chardev(Builder *builder, gconstpointer device, GError **error)
{
    const DomainChardev *chardev = device;

    /* libvirt's helper knows only the one without a suffix for a console */
    return add_chardev(builder, chardev, chardev->device.kind == DOMAIN_DEVICE_CONSOLE, ADD_PLAIN,
                       error);
}

gboolean
model_add_new_chardev(Builder *builder, gconstpointer device, GError **error)
{
    return add_chardev(builder, device, TRUE, ADD_OPTIONAL, error);
}
