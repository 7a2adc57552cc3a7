"""Which artists a model is known to generate, and how their styles are asked for without naming them.

Names and words only. A folder may bring its own in catalog.json; other models get well-known ones.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from uce_core.problems import Problem


@dataclass(frozen=True)
class Catalog:
    """artists: names, the best known first. indirect: wordings that ask for an artist's style without the name."""

    artists: tuple[str, ...]
    indirect: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def catalog_of(folder: Path | None) -> Catalog:
    """What a model's folder says, or else WELL_KNOWN. Raises ValueError if it says nothing sound."""
    path = folder / "catalog.json" if folder else None
    if path is None or not path.is_file():
        return WELL_KNOWN
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        return Catalog(tuple(read["artists"]), {name: tuple(texts) for name, texts in read.get("indirect", {}).items()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Problem(
            "catalogue_damaged", "{path} is damaged: download the model's folder again.", path=path
        ) from error


def names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.replace("\n", " ").split(","))


WELL_KNOWN = Catalog(
    names(
        """Vincent van Gogh, Claude Monet, Pablo Picasso, Rembrandt, Salvador Dali, Andy Warhol, Johannes Vermeer,
        Edvard Munch, Gustav Klimt, Henri Matisse, Wassily Kandinsky, Katsushika Hokusai, Paul Cezanne, Georges Seurat,
        Piet Mondrian, Leonardo da Vinci, Michelangelo, Caravaggio, Frida Kahlo, Edward Hopper, Roy Lichtenstein,
        Jackson Pollock, Pierre-Auguste Renoir, Georges Braque, Thomas Kinkade, Kelly McKernan, Tyler Edlin,
        Kilian Eng, Ajin: Demi Human, Edgar Degas, Edouard Manet, Camille Pissarro, Alfred Sisley, Paul Gauguin,
        Henri de Toulouse-Lautrec, Berthe Morisot, Mary Cassatt, Gustave Caillebotte, Paul Signac, Henri Rousseau,
        Odilon Redon, Gustave Moreau, Marc Chagall, Joan Miro, Paul Klee, Amedeo Modigliani, Fernand Leger, Juan Gris,
        Robert Delaunay, Sonia Delaunay, Andre Derain, Maurice de Vlaminck, Raoul Dufy, Pierre Bonnard,
        Edouard Vuillard, Egon Schiele, Oskar Kokoschka, Ernst Ludwig Kirchner, Franz Marc, August Macke, Emil Nolde,
        Otto Dix, George Grosz, Max Beckmann, Kathe Kollwitz, Kazimir Malevich, El Lissitzky, Natalia Goncharova,
        Ilya Repin, Ivan Aivazovsky, Ivan Shishkin, Isaac Levitan, Viktor Vasnetsov, Mikhail Vrubel, Nicholas Roerich,
        Rene Magritte, Max Ernst, Giorgio de Chirico, Yves Tanguy, Leonora Carrington, Remedios Varo, Paul Delvaux,
        Man Ray, Marcel Duchamp, Francis Picabia, Umberto Boccioni, Giacomo Balla, Francis Bacon, Lucian Freud,
        David Hockney, Mark Rothko, Willem de Kooning, Franz Kline, Barnett Newman, Clyfford Still, Cy Twombly,
        Jasper Johns, Robert Rauschenberg, Keith Haring, Jean-Michel Basquiat, Banksy, Yayoi Kusama, Takashi Murakami,
        Georgia O'Keeffe, Grant Wood, Norman Rockwell, Andrew Wyeth, Winslow Homer, John Singer Sargent,
        James McNeill Whistler, Thomas Eakins, Frederic Remington, Albert Bierstadt, Thomas Cole, Frederic Edwin Church,
        Thomas Moran, George Inness, Edward Hicks, J.M.W. Turner, John Constable, William Blake, William Hogarth,
        Thomas Gainsborough, Joshua Reynolds, George Stubbs, John Everett Millais, Dante Gabriel Rossetti,
        William Holman Hunt, Edward Burne-Jones, John William Waterhouse, Lawrence Alma-Tadema, Frederic Leighton,
        William Morris, Aubrey Beardsley, Arthur Rackham, Beatrix Potter, Walter Crane, Kate Greenaway, Edmund Dulac,
        Gustave Dore, Honore Daumier, Gustave Courbet, Jean-Francois Millet, Camille Corot, Theodore Rousseau,
        Eugene Delacroix, Theodore Gericault, Jean-Auguste-Dominique Ingres, Jacques-Louis David, Jean-Leon Gerome,
        William-Adolphe Bouguereau, Alphonse Mucha, Jean-Honore Fragonard, Francois Boucher, Antoine Watteau,
        Jean Simeon Chardin, Nicolas Poussin, Claude Lorrain, Georges de La Tour, Peter Paul Rubens, Anthony van Dyck,
        Frans Hals, Jan Steen, Jacob van Ruisdael, Pieter Bruegel the Elder, Hieronymus Bosch, Jan van Eyck,
        Rogier van der Weyden, Hans Memling, Hans Holbein, Albrecht Durer, Lucas Cranach, Matthias Grunewald,
        Albrecht Altdorfer, Caspar David Friedrich, Arnold Bocklin, Carl Spitzweg, Sandro Botticelli, Raphael, Titian,
        Tintoretto, Paolo Veronese, Giovanni Bellini, Giorgione, Andrea Mantegna, Piero della Francesca, Fra Angelico,
        Giotto, Masaccio, Giuseppe Arcimboldo, Artemisia Gentileschi, Canaletto, Giovanni Battista Tiepolo,
        Giovanni Battista Piranesi, El Greco, Diego Velazquez, Francisco Goya, Bartolome Esteban Murillo,
        Joaquin Sorolla, Antoni Gaudi, Diego Rivera, Fernando Botero, Utagawa Hiroshige, Kitagawa Utamaro,
        Utagawa Kuniyoshi, Hasui Kawase, Hiroshi Yoshida, Hayao Miyazaki, Katsuhiro Otomo, Osamu Tezuka, Qi Baishi,
        Xu Beihong, Raja Ravi Varma, Anders Zorn, Carl Larsson, Vilhelm Hammershoi, Akseli Gallen-Kallela, Peder Krøyer,
        Hilma af Klint, Tamara de Lempicka, Victor Vasarely, Bridget Riley, M.C. Escher, H.R. Giger, Zdzislaw Beksinski,
        Moebius, Herge, Jack Kirby, Frank Frazetta, N.C. Wyeth, Maxfield Parrish, Howard Pyle, Bob Ross,
        Ansel Adams, Dorothea Lange, Henri Cartier-Bresson"""
    ),
    {
        "Vincent van Gogh": ("swirling starry night", "thick swirling brush strokes"),
        "Claude Monet": ("soft pastel impressionism", "misty water lily light"),
        "Pablo Picasso": ("cubist facets", "cubism"),
        "Rembrandt": ("dark chiaroscuro", "candle lit old master"),
        "Salvador Dali": ("melting clocks in a desert", "surrealist dreamscape"),
        "Andy Warhol": ("pop art panels", "four coloured silkscreen prints"),
        "Edvard Munch": ("wavy anxious orange sky", "expressionist scream"),
        "Gustav Klimt": ("golden spirals", "gold leaf ornament"),
        "Henri Matisse": ("paper cut-outs", "fauvist colours"),
        "Katsushika Hokusai": ("japanese woodblock print", "ukiyo-e great wave"),
        "Georges Seurat": ("pointillist dots", "pointillism"),
        "Piet Mondrian": ("grid of primary colours", "black lines and red yellow blue blocks"),
        "Jackson Pollock": ("drip painting", "splattered paint"),
        "Roy Lichtenstein": ("comic book halftone dots", "comic strip print"),
        "Pierre-Auguste Renoir": ("warm feathery impressionism", "rosy dappled sunlight"),
        "Georges Braque": ("muted analytic cubism", "grey and brown cubist fragments"),
        "Thomas Kinkade": ("glowing cottage at dusk",),
        "Alphonse Mucha": ("art nouveau poster",),
        "M.C. Escher": ("impossible staircases",),
        "Yayoi Kusama": ("endless polka dots",),
    },
)
