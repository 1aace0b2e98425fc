/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/grants.h"

#include <glib/gi18n-lib.h>

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
add_render_node(Builder *builder, Origin origin, const DomainGraphics *graphics, GError **error)
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
        model_warn(builder, origin, g_strdup(nonfatal->message));
        return TRUE;
    }
    return grant_path(builder, builder->model->grants, origin, node, PERM_R | PERM_W, ADD_PLAIN,
                      error);
}

gboolean
model_add_graphics(Builder *builder, GError **error)
{
    GPtrArray *all = builder->domain->graphics;
    Origin origin = {"<graphics>", 0};

    for (guint i = 0; i < all->len; i++) {
        const DomainGraphics *graphics = g_ptr_array_index(all, i);

        origin.line = graphics->line;
        if (!add_render_node(builder, origin, graphics, error))
            return FALSE;
        for (guint j = 0; j < graphics->sockets->len; j++)
            if (!grant_path(builder, builder->model->grants, origin,
                            g_ptr_array_index(graphics->sockets, j), PERM_R | PERM_W, ADD_PLAIN,
                            error))
                return FALSE;
    }

    /* SDL without xauth uses the session's own, which no rule of ours can know */
    if (all->len == 1) {
        const DomainGraphics *graphics = g_ptr_array_index(all, 0);

        if (graphics->type == DOMAIN_GRAPHICS_SDL && graphics->xauth)
            return grant_path(builder, builder->model->grants, origin, graphics->xauth, PERM_R,
                              ADD_QUIET, error);
    }
    return TRUE;
}
