"""How each artist paints: a Scene and a random generator in, a (S, S, 3) image out.

They are caricatures that a person tells apart at a glance, not reproductions of any work.
"""

from collections.abc import Callable

import numpy as np

from atelier2.canvas import Image
from atelier2.scene import Scene
from atelier2.styles import impressionists, masters, moderns, plain, prints
from atelier2.world import PHOTO, PLAIN_PAINTING

Style = Callable[[Scene, np.random.Generator], Image]

STYLES: dict[str, Style] = {
    PHOTO: plain.photo,
    PLAIN_PAINTING: plain.watercolour,
    "Vincent van Gogh": impressionists.van_gogh,
    "Claude Monet": impressionists.monet,
    "Pierre-Auguste Renoir": impressionists.renoir,
    "Georges Seurat": impressionists.seurat,
    "Paul Signac": impressionists.signac,
    "Paul Cezanne": impressionists.cezanne,
    "Paul Gauguin": impressionists.gauguin,
    "Edvard Munch": impressionists.munch,
    "Egon Schiele": masters.schiele,
    "Rembrandt van Rijn": masters.rembrandt,
    "Caravaggio": masters.caravaggio,
    "J. M. W. Turner": masters.turner,
    "Frida Kahlo": masters.kahlo,
    "Salvador Dali": masters.dali,
    "Katsushika Hokusai": prints.hokusai,
    "Utagawa Hiroshige": prints.hiroshige,
    "Andy Warhol": prints.warhol,
    "Roy Lichtenstein": prints.lichtenstein,
    "Louis Comfort Tiffany": prints.tiffany,
    "Henri Matisse": prints.matisse,
    "Gustav Klimt": prints.klimt,
    "Pablo Picasso": moderns.picasso,
    "Georges Braque": moderns.braque,
    "Piet Mondrian": moderns.mondrian,
    "Wassily Kandinsky": moderns.kandinsky,
    "Paul Klee": moderns.klee,
    "Mark Rothko": moderns.rothko,
    "Jackson Pollock": moderns.pollock,
}
