/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "domain/parse.h"

/* virDomainGraphicsType */
static const struct {
    const char *name;
    DomainGraphicsType type;
} graphics_types[] = {
    {"sdl", DOMAIN_GRAPHICS_SDL},
    {"spice", DOMAIN_GRAPHICS_SPICE},
    {"egl-headless", DOMAIN_GRAPHICS_EGL_HEADLESS},
    {"dbus", DOMAIN_GRAPHICS_DBUS},
};

void
domain_clear_graphics(gpointer device)
{
    DomainGraphics *graphics = device;

    g_free(graphics->xauth);
    g_free(graphics->render_node);
    g_free(graphics->bus);
    g_ptr_array_unref(graphics->sockets);
}

static void
add_socket(DomainGraphics *graphics, char *path)
{
    if (path && *path)
        g_ptr_array_add(graphics->sockets, path);
    else
        g_free(path);
}

/*
 * The sockets of <listen>, and the older socket attribute of <graphics type='vnc'>, which stands for a
 * first <listen> that is no socket (virDomainGraphicsListensParseXML).
 */
static void
parse_sockets(xmlNode *node, gboolean is_vnc, DomainGraphics *graphics)
{
    xmlNode *listen = xml_child(node, "listen");
    g_autofree char *compat = xml_attr(node, "socket");
    gboolean first = TRUE;

    if (!listen && is_vnc)
        add_socket(graphics, g_steal_pointer(&compat));
    for (; listen; listen = xml_next(listen)) {
        if (xml_attr_is(listen, "type", "socket")) {
            char *path = xml_attr(listen, "socket");

            if (!path && first)
                path = g_steal_pointer(&compat);
            add_socket(graphics, path);
        } else if (first && is_vnc && !xml_attr_is(listen, "type", "none")) {
            add_socket(graphics, g_steal_pointer(&compat));
        }
        first = FALSE;
    }
}

gboolean
domain_parse_graphics(xmlNode *node, gpointer device, Domain *domain G_GNUC_UNUSED,
                      GError **error G_GNUC_UNUSED)
{
    DomainGraphics *graphics = device;
    g_autofree char *type = xml_attr(node, "type");
    xmlNode *gl = xml_child(node, "gl");

    graphics->sockets = g_ptr_array_new_with_free_func(g_free);
    for (gsize i = 0; type && i < G_N_ELEMENTS(graphics_types); i++)
        if (g_str_equal(type, graphics_types[i].name))
            graphics->type = graphics_types[i].type;

    switch (graphics->type) {
    case DOMAIN_GRAPHICS_SDL:
        graphics->xauth = xml_attr(node, "xauth");
        break;
    case DOMAIN_GRAPHICS_SPICE:
        parse_sockets(node, FALSE, graphics);
        graphics->render_node = xml_attr(gl, "rendernode");
        graphics->gl = xml_attr_is(gl, "enable", "yes");
        break;
    case DOMAIN_GRAPHICS_DBUS:
        graphics->bus = xml_attr(node, "address");
        graphics->render_node = xml_attr(gl, "rendernode");
        graphics->gl = xml_attr_is(gl, "enable", "yes");
        break;
    case DOMAIN_GRAPHICS_EGL_HEADLESS:
        graphics->render_node = xml_attr(gl, "rendernode");
        graphics->gl = xml_attr_is(gl, "enable", "yes");
        break;
    case DOMAIN_GRAPHICS_OTHER:
        parse_sockets(node, g_strcmp0(type, "vnc") == 0, graphics);
        break;
    }
    return TRUE;
}
