// Assets are compiled in by #embed: SwiftPM resources would link all of Foundation and ICU into every service.
#pragma clang diagnostic ignored "-Wc23-extensions"
#include "FrontEndAssets.h"

const unsigned char martlet_index_html[] = {
#embed "assets/index.html"
};
const unsigned long martlet_index_html_size = sizeof martlet_index_html;

const unsigned char martlet_app_css[] = {
#embed "assets/app.css"
};
const unsigned long martlet_app_css_size = sizeof martlet_app_css;

const unsigned char martlet_app_js[] = {
#embed "assets/app.js"
};
const unsigned long martlet_app_js_size = sizeof martlet_app_js;

const unsigned char martlet_favicon_svg[] = {
#embed "assets/favicon.svg"
};
const unsigned long martlet_favicon_svg_size = sizeof martlet_favicon_svg;
