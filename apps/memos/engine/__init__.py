"""Pure memo thinking: windows, arithmetic, the packet, the writer, the validator, the renderer."""
