/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/request.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/io.h"
#include "base/limits.h"
#include "helper/foresee.h"

Request *
request_new(const HelperConfig *config, const Options *options, GError **error)
{
    g_autoptr(Request) request = g_new0(Request, 1);

    request->config = config;
    request->options = options;
    request->foreseen = grants_new();
    request->foreseen_memory = g_ptr_array_new_with_free_func(g_free);
    request->warnings = g_ptr_array_new_with_free_func(g_free);
    request->settings = config->settings_file
                            ? settings_read(config->settings_file, NULL, &request->bad_settings)
                            : settings_new();
    if (!request->settings)
        request->settings = settings_new_unusable();
    request->host = host_new(config->host_root, error);
    return request->host ? g_steal_pointer(&request) : NULL;
}

void
request_free(Request *request)
{
    g_clear_pointer(&request->settings, settings_free);
    g_clear_error(&request->bad_settings);
    g_clear_pointer(&request->host, host_free);
    g_clear_pointer(&request->domain, domain_free);
    g_clear_pointer(&request->announcement, announcement_free);
    g_clear_pointer(&request->model, model_free);
    g_ptr_array_unref(request->foreseen);
    g_ptr_array_unref(request->foreseen_memory);
    g_ptr_array_unref(request->warnings);
    g_free(request);
}

gboolean
request_check_settings(const Request *request, GError **error)
{
    if (!request->bad_settings)
        return TRUE;
    g_propagate_error(error, g_error_copy(request->bad_settings));
    return FALSE;
}

static void
warn_of_settings(Request *request)
{
    if (request->bad_settings)
        g_ptr_array_add(request->warnings, g_strdup(request->bad_settings->message));
}

static gboolean
check_identity(const Domain *domain, const char *profile, GError **error)
{
    g_autofree char *expected = g_strconcat("libvirt-", domain->uuid, NULL);

    /*
     * libvirt's helper keeps what means something in a rule out of it as well (valid_name()). Here every
     * rule has the name escaped, and no label has it. A slash would make the name of a file one of other
     * directories.
     */
    if (strchr(domain->name, '/'))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("bad name: '%s': a domain's name must not contain a slash"),
                              domain->name);
    if (!g_str_equal(expected, profile))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("given uuid does not match XML uuid: -u %s, but <uuid> is %s"),
                              profile, domain->uuid);
    return TRUE;
}

static gboolean
read_announcement(Request *request, GError **error)
{
    const char *argument = request->options->add_file;
    g_auto(GStrv) directories = NULL;

    if (!argument || *argument != '/')
        return TRUE;
    directories = domain_short_names(request->domain->id, request->domain->name);
    request->announcement =
        announcement_read(argument, (const char *const *)directories, request->host, error);
    return request->announcement != NULL;
}

/* What QEMU gets of what is announced. QEMU maps what it gets of IOMMUFD (libvirt 12.8.0). */
static ModelExtra
extra_of(const Announcement *announced)
{
    ModelExtra extra = {.path = announced->path, .perms = PERM_R | PERM_W | PERM_K};

    switch (announced->kind) {
    case ANNOUNCED_MAPPED_FILE:
        extra.perms = PERM_R | PERM_W | PERM_M;
        break;
    case ANNOUNCED_TREE:
    case ANNOUNCED_GUEST_MEMORY:
        extra.tree = TRUE;
        extra.own = announced->own;
        break;
    case ANNOUNCED_FILE:
    case ANNOUNCED_TAP:
    case ANNOUNCED_VIRTIOFSD_SOCKET:
        break;
    }
    return extra;
}

/*
 * A tap is announced as soon as there is one, and libvirtd then opens /dev/vhost-net for it and passes the
 * descriptor, which AppArmor checks on receipt (qemuInterfaceOpenVhostNet()). That device is not announced;
 * who starts without a network interface has no rule for it, and gets none by the XML before the attached
 * one is in there.
 */
static void
add_vhost_net(const Domain *domain, const Announcement *announced, GPtrArray *to)
{
    if (announced->kind == ANNOUNCED_TAP && domain->virt == DOMAIN_VIRT_KVM)
        grant_literal(to, "/dev/vhost-net", PERM_R | PERM_W);
}

/* The very grants that @argument is going to be when it is announced. */
static void
foresee(Request *request, const char *argument, const char *const *directories)
{
    g_autoptr(Announcement) announced =
        announcement_read(argument, directories, request->host, NULL);
    ModelExtra extra;

    if (!announced)
        return;
    extra = extra_of(announced);
    if (!model_extra_grant(request->domain, request->host, request->settings, &extra,
                           request->foreseen))
        return;
    add_vhost_net(request->domain, announced, request->foreseen);
    if (announced->kind == ANNOUNCED_GUEST_MEMORY) {
        const Grant *grant = g_ptr_array_index(request->foreseen, request->foreseen->len - 1);

        g_ptr_array_add(request->foreseen_memory, g_strdup(grant->literal));
    }
}

static void
foresee_all(Request *request)
{
    const Domain *domain = request->domain;
    g_autoptr(GPtrArray) arguments = foresee_arguments(domain, request->host);
    g_auto(GStrv) directories = domain_short_names(domain->id, domain->name);

    for (guint i = 0; i < arguments->len; i++)
        foresee(request, g_ptr_array_index(arguments, i), (const char *const *)directories);
}

static gboolean
read_domain(Request *request, const char *xml, gsize len, int id, GError **error)
{
    request->domain = domain_parse(xml, len, error);
    if (request->domain && request->domain->id < 0)
        request->domain->id = id;
    return request->domain && check_identity(request->domain, request->options->profile, error) &&
           read_announcement(request, error);
}

static gboolean
have_literal(GPtrArray *grants, const char *literal)
{
    for (guint i = 0; i < grants->len; i++) {
        const Grant *grant = g_ptr_array_index(grants, i);

        if (g_str_equal(grant->literal, literal) && !*grant->before && !*grant->after)
            return TRUE;
    }
    return FALSE;
}

/* A path of the XML that ends as a directory of libvirtd's is announced means itself: it is no tree. */
static gboolean
settle_announcement(Request *request, GError **error)
{
    Announcement *announced = request->announcement;
    const char *argument = request->options->add_file;
    const ModelExtra named = {.path = argument, .perms = PERM_R};
    g_autoptr(GPtrArray) grants = grants_new();
    g_autoptr(Model) model = NULL;
    const Grant *grant;

    if (announced->kind != ANNOUNCED_TREE || announced->own)
        return TRUE;
    model = model_build(request->domain, request->host, request->settings, NULL, error);
    if (!model)
        return FALSE;
    if (!model_extra_grant(request->domain, request->host, request->settings, &named, grants))
        return TRUE;
    grant = g_ptr_array_index(grants, 0);
    if (have_literal(model->grants, grant->literal)) {
        announced->kind = ANNOUNCED_FILE;
        g_free(announced->path);
        announced->path = g_strdup(argument);
    }
    return TRUE;
}

static gboolean
make_model(Request *request, GError **error)
{
    const Options *options = request->options;
    ModelExtra extra = {.path = options->add_file};

    if (request->announcement && !settle_announcement(request, error))
        return FALSE;
    if (request->announcement)
        extra = extra_of(request->announcement);
    request->model = model_build(request->domain, request->host, request->settings,
                                 options->add_file ? &extra : NULL, error);
    if (!request->model)
        return FALSE;
    if (request->announcement)
        add_vhost_net(request->domain, request->announcement, request->model->extra);
    if (!request_appends(request))
        foresee_all(request);
    return TRUE;
}

/* The first say what there is to do; the last of as many as may be says how many there are besides. */
static void
bound_warnings(GPtrArray *warnings)
{
    guint more;

    if (warnings->len <= LIMIT_WARNINGS)
        return;
    more = warnings->len - (LIMIT_WARNINGS - 1);
    g_ptr_array_set_size(warnings, LIMIT_WARNINGS - 1);
    g_ptr_array_add(warnings, g_strdup_printf(_("%u more warnings are left out"), more));
}

static gboolean
bad_definition(GError **error)
{
    g_prefix_error(error, "%s: ", _("invalid VM definition"));
    return FALSE;
}

gboolean
request_parse(Request *request, const char *xml, gsize len, int id, GError **error)
{
    if (!read_domain(request, xml, len, id, error))
        return bad_definition(error);
    /* first: what is refused below may be what the file would allow */
    if (!request_has_shares(request))
        warn_of_settings(request);
    else if (!request_check_settings(request, error))
        return FALSE;
    if (!make_model(request, error))
        return bad_definition(error);
    g_ptr_array_extend_and_steal(request->warnings, g_steal_pointer(&request->model->warnings));
    bound_warnings(request->warnings);
    return TRUE;
}

gboolean
request_read(Request *request, GError **error)
{
    g_autofree char *xml = NULL;
    gsize len = 0;

    return base_read_fd(request->config->input_fd, LIMIT_FILE_BYTES, _("the XML on standard input"),
                        &xml, &len, error) &&
           request_parse(request, xml, len, -1, error);
}

gboolean
request_appends(const Request *request)
{
    const Options *options = request->options;

    return options->command == COMMAND_REPLACE && options->append && options->add_file;
}

gboolean
request_announces(const Request *request, AnnouncedKind kind)
{
    return request->announcement && request->announcement->kind == kind;
}

gboolean
request_has_shares(const Request *request)
{
    return model_has_shares(request->domain) ||
           request_announces(request, ANNOUNCED_VIRTIOFSD_SOCKET);
}
