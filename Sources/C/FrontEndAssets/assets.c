// Assets are compiled in by #embed: SwiftPM resources would link all of Foundation and ICU into every service.
#pragma clang diagnostic ignored "-Wc23-extensions"
#include "FrontEndAssets.h"

const unsigned char martlet_index_html[] = {
#embed "assets/index.html"
};
const unsigned long martlet_index_html_size = sizeof martlet_index_html;
