"""The browser app of UCE Studio. Knows Gradio and the engine; never imports torch or diffusers."""
