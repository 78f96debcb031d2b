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

static const unsigned char favicon_svg[] = {
#embed "assets/favicon.svg"
};

martlet_asset martlet_index_html(void) { return (martlet_asset){index_html, sizeof index_html}; }
martlet_asset martlet_app_css(void) { return (martlet_asset){app_css, sizeof app_css}; }
martlet_asset martlet_app_js(void) { return (martlet_asset){app_js, sizeof app_js}; }
martlet_asset martlet_favicon_svg(void) { return (martlet_asset){favicon_svg, sizeof favicon_svg}; }
