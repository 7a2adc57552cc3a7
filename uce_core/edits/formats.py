"""The formats in which edits are written: this program's own, and those of others."""

OWN = "safetensors"
PUBLISHED, DIFFUSERS, KOHYA = "published", "diffusers-lora", "kohya-lora"  # the published code's, and LoRA
CHECKPOINT = "checkpoint"  # the model itself, with the edit in it
FORMATS = (PUBLISHED, DIFFUSERS, KOHYA, CHECKPOINT)
DTYPES = ("fp32", "fp16", "bf16")  # of a file's tensors
FOR_ITS_BASE = "It belongs to the model that it was exported for: for another one, export it again."
ADVICE = {  # where each goes
    PUBLISHED: (
        "For the published code, and for diffusers: pipe.unet.load_state_dict(load_file(path), strict=False), of "
        "Stable Diffusion 3 and FLUX pipe.transformer. " + FOR_ITS_BASE
    ),
    DIFFUSERS: "For diffusers: pipe.load_lora_weights(path); a scale of 1 is the edit as solved. " + FOR_ITS_BASE,
    KOHYA: (
        "For ComfyUI (models/loras), AUTOMATIC1111 and Forge (models/Lora) and sd-scripts: at strength 1 it is the "
        "edit as solved. " + FOR_ITS_BASE
    ),
    CHECKPOINT: (
        "It is the model with the edit in it, and takes the model's place in every program; in this one: --model with "
        "its path."
    ),
}
