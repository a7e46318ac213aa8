/** How a layer's archive says what it takes away (OCI image-spec, layer.md, Whiteouts): a file of this name before the name that goes. */
export const whiteoutPrefix = '.wh.';
/** In a folder of which nothing below is seen. */
export const opaqueMarker = '.wh..wh..opq';
