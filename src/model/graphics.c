/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "host/drm.h"

/* Whether QEMU will draw with OpenGL and has to find a render node (virDomainGraphicsNeedsAutoRenderNode). */
static gboolean
needs_render_node(const DomainGraphics *graphics)
{
    switch (graphics->type) {
    case DOMAIN_GRAPHICS_EGL_HEADLESS:
        return TRUE;
    case DOMAIN_GRAPHICS_SPICE:
    case DOMAIN_GRAPHICS_DBUS:
        return graphics->gl;
    case DOMAIN_GRAPHICS_SDL:
    case DOMAIN_GRAPHICS_OTHER:
        return FALSE;
    }
    g_assert_not_reached();
}

static gboolean
add_render_node(Builder *builder, const DomainGraphics *graphics, GError **error)
{
    g_autoptr(GError) nonfatal = NULL;
    g_autofree char *found = NULL;
    const char *node = graphics->render_node;

    if (!node && !needs_render_node(graphics))
        return TRUE;
    if (!node) {
        found = host_drm_render_node(builder->host, &nonfatal);
        node = found;
    }
    /* libvirtd itself ends the start of a VM for which there is none */
    if (!node) {
        builder_warn(builder, g_strdup(nonfatal->message));
        return TRUE;
    }
    return builder_path(builder, node, PERM_R | PERM_W, ADD_PLAIN, error);
}

/* "unix:path=/PATH,guid=…;…": the D-Bus Specification's "Server Addresses", each byte of a value may be %XX. */
static gboolean
add_bus(Builder *builder, const char *bus, GError **error)
{
    g_auto(GStrv) addresses = g_strsplit(bus ? bus : "", ";", -1);

    for (char **address = addresses; *address; address++) {
        g_auto(GStrv) pairs = NULL;

        if (!g_str_has_prefix(*address, "unix:"))
            continue;
        pairs = g_strsplit(*address + strlen("unix:"), ",", -1);
        for (char **pair = pairs; *pair; pair++) {
            g_autofree char *path = g_str_has_prefix(*pair, "path=")
                                        ? g_uri_unescape_string(*pair + strlen("path="), NULL)
                                        : NULL;

            if (path && !builder_path(builder, path, PERM_R | PERM_W, ADD_OPTIONAL, error))
                return FALSE;
        }
    }
    return TRUE;
}

gboolean
model_add_graphics(Builder *builder, gconstpointer device, GError **error)
{
    const DomainGraphics *graphics = device;

    if (!add_render_node(builder, graphics, error))
        return FALSE;
    for (guint i = 0; i < graphics->sockets->len; i++)
        if (!builder_path(builder, g_ptr_array_index(graphics->sockets, i), PERM_R | PERM_W,
                          ADD_PLAIN, error))
            return FALSE;

    if (!add_bus(builder, graphics->bus, error))
        return FALSE;

    /* SDL without xauth uses the session's own, which no rule of ours can know */
    if (graphics->type != DOMAIN_GRAPHICS_SDL || !graphics->xauth ||
        domain_count_devices(builder->domain, DOMAIN_DEVICE_GRAPHICS) != 1)
        return TRUE;
    return builder_path(builder, graphics->xauth, PERM_R, ADD_QUIET, error);
}
