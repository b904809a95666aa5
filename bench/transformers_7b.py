"""Images captioned a second by Hugging Face transformers: LLaVA-1.5-7B's shapes, random weights, bf16.

    python3 bench/transformers_7b.py FOLDER_OF_IMAGES [--images 256] [--greedy 64,128,192] [--beams 8,16,32,64]

The pictures are decoded and prepared as Hugging Face's processor does (short side to 336 by bicubic, centre crop) by a pool of
threads ahead of the card, and the captions are written to a file; the prompt has 640 tokens of which 576 are the image's, and 20
new tokens are generated. Loading is apart, the first batch of each size is not counted. For comparison only: no part of Vignette.
"""

import argparse
import json
import pathlib
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

import numpy
import torch
from PIL import Image
from transformers import CLIPVisionConfig, LlamaConfig, LlavaConfig, LlavaForConditionalGeneration

MEAN = numpy.array([0.48145466, 0.4578275, 0.40821073], numpy.float32)
STD = numpy.array([0.26862954, 0.26130258, 0.27577711], numpy.float32)


def model():
    torch.manual_seed(0)
    torch.set_default_dtype(torch.bfloat16)
    vision = CLIPVisionConfig(hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16,
                              image_size=336, patch_size=14, projection_dim=768)
    text = LlamaConfig(vocab_size=32064, hidden_size=4096, intermediate_size=11008, num_hidden_layers=32,
                       num_attention_heads=32, num_key_value_heads=32)
    config = LlavaConfig(vision_config=vision.to_dict(), text_config=text.to_dict(), image_token_index=32000,
                         image_token_id=32000, image_seq_length=576)
    with torch.device("cuda"):
        made = LlavaForConditionalGeneration(config).to(torch.bfloat16).eval()
    torch.set_default_dtype(torch.float32)
    return made


def pixels(file):
    image = Image.open(file).convert("RGB")
    short = min(image.size)
    image = image.resize((round(image.width * 336 / short), round(image.height * 336 / short)), Image.BICUBIC)
    left, top = (image.width - 336) // 2, (image.height - 336) // 2
    values = numpy.asarray(image.crop((left, top, left + 336, top + 336)), numpy.float32) / 255
    return torch.from_numpy(((values - MEAN) / STD).transpose(2, 0, 1).copy())  # (3, 336, 336)


def run(net, files, batch, beams, out):
    ids = torch.randint(3, 700, (batch, 640), device="cuda")
    ids[:, 5:581] = 32000
    captions = {}
    with ThreadPoolExecutor(8) as pool:
        prepared = pool.map(pixels, files)
        for at in range(0, len(files), batch):
            names = files[at : at + batch]
            images = torch.stack([next(prepared) for _ in names]).to("cuda", torch.bfloat16)
            rows = ids[: len(names)]
            with torch.inference_mode():
                tokens = net.generate(input_ids=rows, attention_mask=torch.ones_like(rows), pixel_values=images,
                                      max_new_tokens=20, min_new_tokens=20, do_sample=False, num_beams=beams)
            for name, row in zip(names, tokens[:, 640:].tolist()):
                captions[pathlib.Path(name).stem] = " ".join(map(str, row))
    with open(out, "w") as file:
        json.dump(captions, file)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--images", type=int, default=256)
    parser.add_argument("--greedy", default="64,128,192")
    parser.add_argument("--beams", default="8,16,32,64")
    parser.add_argument("--beam-images", type=int, default=64)
    arguments = parser.parse_args()
    found = sorted(str(file) for file in pathlib.Path(arguments.folder).glob("*.jpg"))
    net = model()
    out = tempfile.mktemp(suffix=".json")
    for beams, sizes, count in ((1, arguments.greedy, arguments.images), (5, arguments.beams, arguments.beam_images)):
        for batch in (int(size) for size in sizes.split(",") if size):
            files = (found * (count // len(found) + 1))[: max(count, batch)]
            run(net, files[:batch], batch, beams, out)
            torch.cuda.synchronize()
            began = time.time()
            run(net, files, batch, beams, out)
            torch.cuda.synchronize()
            seconds = time.time() - began
            print(f"transformers bf16, {beams} beam(s), batch {batch}: {len(files) / seconds:.2f} images/s, "
                  f"{torch.cuda.max_memory_allocated() / 2**30:.1f} GiB", flush=True)


main()
