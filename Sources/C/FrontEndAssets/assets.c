// Assets are compiled in by #embed: SwiftPM resources would link all of Foundation and ICU into every service.
#pragma clang diagnostic ignored "-Wc23-extensions"
#include "FrontEndAssets.h"

static const unsigned char index_html[] = {
#embed "assets/index.html"
};

static const unsigned char app_css[] = {
#embed "assets/app.css"
};

static const unsigned char app_js[] = {
#embed "assets/app.js"
};

static const unsigned char dom_js[] = {
#embed "assets/dom.js"
};

static const unsigned char log_js[] = {
#embed "assets/log.js"
};

static const unsigned char mailbox_js[] = {
#embed "assets/mailbox.js"
};

static const unsigned char tests_js[] = {
#embed "assets/tests.js"
};

static const unsigned char favicon_svg[] = {
#embed "assets/favicon.svg"
};

martlet_asset martlet_index_html(void) { return (martlet_asset){index_html, sizeof index_html}; }
martlet_asset martlet_app_css(void) { return (martlet_asset){app_css, sizeof app_css}; }
martlet_asset martlet_app_js(void) { return (martlet_asset){app_js, sizeof app_js}; }
martlet_asset martlet_dom_js(void) { return (martlet_asset){dom_js, sizeof dom_js}; }
martlet_asset martlet_log_js(void) { return (martlet_asset){log_js, sizeof log_js}; }
martlet_asset martlet_mailbox_js(void) { return (martlet_asset){mailbox_js, sizeof mailbox_js}; }
martlet_asset martlet_tests_js(void) { return (martlet_asset){tests_js, sizeof tests_js}; }
martlet_asset martlet_favicon_svg(void) { return (martlet_asset){favicon_svg, sizeof favicon_svg}; }
