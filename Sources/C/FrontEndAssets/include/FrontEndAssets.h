#pragma once
// The front end's page, as it stands in assets/: compiled in, so that the service needs no files beside it.
#include <stddef.h>

typedef struct {
    const unsigned char *bytes; // for the life of the process; no terminating zero
    size_t count;
} martlet_asset;

martlet_asset martlet_index_html(void);
martlet_asset martlet_app_css(void);
martlet_asset martlet_app_js(void);
martlet_asset martlet_dom_js(void);
martlet_asset martlet_log_js(void);
martlet_asset martlet_mailbox_js(void);
martlet_asset martlet_tests_js(void);
martlet_asset martlet_favicon_svg(void);
