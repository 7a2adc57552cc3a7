"""The formats in which edits are written: this program's own, and those of others."""

OWN = "safetensors"
FORMATS = ("published", "diffusers-lora", "kohya-lora")  # the published code's, and LoRA
