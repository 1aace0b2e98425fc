/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/start-shares.h"

#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/stat.h>

#include "base/autofd.h"
#include "ctl/words.h"

/* Of the element that @share is. */
static const DomainFilesystem *
filesystem_of(const Domain *domain, const Share *share)
{
    const DomainFilesystem *fs;
    guint at = 0;

    while ((fs = domain_next_device(domain, DOMAIN_DEVICE_FILESYSTEM, &at)))
        if (fs->device.line == share->line && fs->driver == DOMAIN_FS_VIRTIOFS)
            return fs;
    return NULL;
}

/* confine_check_arguments() */
static void
check_idmap(const Request *request, const Share *share, GPtrArray *refusals)
{
    const DomainFilesystem *fs = filesystem_of(request->domain, share);
    g_autofree char *name = words_domain(request->domain->name, request->domain->uuid);
    g_autofree char *remedy = g_strdup_printf("virsh edit %s", name);

    if (fs && fs->idmap)
        finding_add(refusals, FINDING_UNCONFINED, "start", remedy,
                    _("line %u: %s: <idmap> works only in a virtiofsd that is not root: remove it"),
                    share->line, share->element);
}

/* share_resolve() */
static void
check_directory(const Request *request, const Share *share, GPtrArray *refusals)
{
    g_autofree char *dir = words_quote(share->dir);
    g_autofree char *remedy = dir ? g_strdup_printf("mkdir -p -- %s", dir) : NULL;

    if (!host_is_dir(request->host, share->dir))
        finding_add(refusals, FINDING_UNCONFINED, "start", remedy,
                    _("line %u: %s: there is no directory %s"), share->line, share->element,
                    share->dir);
}

/* binary_find(), of a program that the configuration names: others than root could change what root runs. */
static void
check_binary(const Request *request, GPtrArray *refusals)
{
    const char *binary = settings_binary(request->settings, request->domain->name);
    g_autofree char *resolved = binary ? host_realpath(request->host, binary) : NULL;
    g_auto(AutoFd) fd = resolved ? host_open(request->host, resolved, O_PATH) : -1;
    g_autofree char *quoted = resolved ? words_quote(resolved) : NULL;
    g_autofree char *remedy = NULL;
    struct stat st;

    if (!binary)
        return;
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        finding_add(refusals, FINDING_UNCONFINED, "start", NULL,
                    _("there is no program %s: correct \"binary\" in %s"), binary,
                    request->config->settings_file);
        return;
    }
    if (quoted)
        remedy = g_strdup_printf("chown root: %s && chmod go-w %s", quoted, quoted);
    if (st.st_uid != host_owner(request->host) || st.st_mode & 0022)
        finding_add(refusals, FINDING_UNCONFINED, "start", remedy,
                    _("%s can be changed by others than root, and does not run as a virtiofsd"),
                    resolved);
}

void
start_check_shares(const Request *request, GPtrArray *refusals)
{
    start_check_own_shares(request, refusals);
    if (request->model->shares->len > 0)
        check_binary(request, refusals);
}

void
start_check_own_shares(const Request *request, GPtrArray *refusals)
{
    GPtrArray *shares = request->model->shares;

    for (guint i = 0; i < shares->len; i++) {
        check_idmap(request, g_ptr_array_index(shares, i), refusals);
        check_directory(request, g_ptr_array_index(shares, i), refusals);
    }
}
