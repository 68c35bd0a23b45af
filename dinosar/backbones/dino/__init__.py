"""DINOv2 and DINOv3, run by torch alone.

    architecture.py   the shape of a network, and its tensors
    layouts.py        what Meta, timm and transformers call those tensors in their files
    recognition.py    which network a file holds, whole and nothing else
    loading.py        its tensors, checked
    network.py        the network as a function: layers and attention from one pass
    fusion.py         several layers become one
    backbone.py       all this as a backbone
"""
