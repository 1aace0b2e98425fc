/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/chain.h"
#include "ctl/domains.h"
#include "ctl/finding-json.h"
#include "ctl/output-json.h"
#include "ctl/verbs.h"

static CtlStatus
run(Ctl *ctl, int argc, char **argv, GError **error)
{
    g_autoptr(GPtrArray) findings = NULL;
    g_autoptr(JsonBuilder) builder = json_builder_new();

    if (!ctl_parse(ctl, &verb_verify, NULL, &argc, &argv, 0, 0, error))
        return CTL_FAILED;
    findings = chain_check(ctl, domains_security_drivers);
    findings_print(ctl->output, findings);
    findings_to_json(builder, findings);
    output_json(ctl->output, json_builder_get_root(builder));
    return findings_status(findings);
}

const CtlVerb verb_verify = {"verify", "", N_("check every link from libvirtd to a virtiofsd"),
                             run};
